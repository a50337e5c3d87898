"""Holds the rendered manifests against published schemas, offline: kubectl kustomize FOLDER | python check.py

Kubernetes' own kinds: kubernetes-validate, which brings the schemas. KServe's: the fields of the kserve package,
and its pod as a Pod. ServiceMonitor: no Python package has its schema; .ci/run asks an npm package.
"""

import importlib
import importlib.util
import sys
import types

import kubernetes_validate
import yaml

# The oldest version that still gets fixes, and the newest that the package knows.
VERSIONS = ("1.34", "1.37")


def check_kubernetes(manifest: dict) -> None:
    for version in VERSIONS:
        kubernetes_validate.validate(manifest, version, strict=True)


def kserve_fields(module: str, name: str) -> set[str]:
    """Fields of a KServe model. The packages around it stay unloaded: they would want FastAPI, pandas and more."""
    for package in ("kserve", "kserve.models"):
        if package not in sys.modules:
            shell = types.ModuleType(package)
            shell.__path__ = importlib.util.find_spec(package).submodule_search_locations
            sys.modules[package] = shell
    model = getattr(importlib.import_module(f"kserve.models.{module}"), name)
    return set(model.attribute_map.values())


def check_inference_service(manifest: dict) -> None:
    spec = manifest["spec"]
    unknown = set(spec) - kserve_fields("v1beta1_inference_service_spec", "V1beta1InferenceServiceSpec")
    unknown |= set(spec["predictor"]) - kserve_fields("v1beta1_predictor_spec", "V1beta1PredictorSpec")
    if unknown:
        raise ValueError(f"InferenceService: unknown fields {sorted(unknown)}")
    kserve_only = {"minReplicas", "maxReplicas", "scaleMetric", "scaleTarget"}
    pod = {key: value for key, value in spec["predictor"].items() if key not in kserve_only}
    metadata = {"name": manifest["metadata"]["name"]}
    check_kubernetes({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": pod})


def main() -> None:
    for manifest in yaml.safe_load_all(sys.stdin):
        kind = manifest["kind"]
        if kind == "InferenceService":
            check_inference_service(manifest)
        elif kind != "ServiceMonitor":
            check_kubernetes(manifest)
        print(f"{kind} {manifest['metadata']['name']}")


if __name__ == "__main__":
    main()
