/**
 * `npm audit` for findings of high severity and above. A registry mirror without the audit service is told
 * apart from a clean result: nothing was checked then, which is said but is no finding.
 */
import { spawnSync } from 'node:child_process';

const { stdout } = spawnSync('npm', ['audit', '--json', '--audit-level=high'], { encoding: 'utf8' });
const report = JSON.parse(stdout || '{}');
const found = report.metadata?.vulnerabilities;
if (found === undefined) {
  console.log('npm audit: NOT CHECKED, the registry offers no audit service');
} else {
  console.log(`npm audit: ${JSON.stringify(found)}`);
  process.exitCode = found.high + found.critical > 0 ? 1 : 0;
}
