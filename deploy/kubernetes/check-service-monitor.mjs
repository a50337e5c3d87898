/** Holds the ServiceMonitor of a rendered file against its schema. Runs where @kubernetes-models/prometheus-operator is installed. */
import { readFileSync } from 'node:fs';
import { ServiceMonitor } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/ServiceMonitor';
import { parseAllDocuments } from 'yaml';

const manifests = parseAllDocuments(readFileSync(process.argv[2], 'utf8')).map((document) => document.toJS());
const [monitor] = manifests.filter(({ kind }) => kind === 'ServiceMonitor');
new ServiceMonitor(monitor).validate();
console.log(`ServiceMonitor ${monitor.metadata.name}`);
