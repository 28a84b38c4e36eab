#!/bin/sh
# Makes cdktf_get.json again: the app of cdktf_get.ts on the bindings that `cdktf get` makes from this checkout's provider.
# Needs the checkout's .venv, Terraform, Node and npm; works in a temporary folder.
set -eu
golden=$(cd "$(dirname "$0")" && pwd)
natgw="$golden/../../../.venv/bin/natgw"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund cdktf-cli@0.21.0 cdktf@0.21.0 constructs@10.4.2 typescript@5.4 @types/node@20
"$natgw" install --plugin-dir "$work/mirror" >/dev/null
printf 'provider_installation {\n  filesystem_mirror { path = "%s" }\n}\n' "$work/mirror" >terraformrc
cat >cdktf.json <<'JSON'
{
  "language": "typescript",
  "app": "node cdktf_get.js",
  "projectId": "0b3c6f1e-5f6d-4f57-9d2e-1c8b5a0f7a11",
  "sendCrashReports": "false",
  "terraformProviders": ["terraform.local/natgw/natgw"],
  "codeMakerOutput": "gen"
}
JSON
export TF_CLI_CONFIG_FILE="$work/terraformrc" CI=true CHECKPOINT_DISABLE=1 CDKTF_DISABLE_PLUGIN_CACHE_ENV=1
npx cdktf get </dev/null
cp "$golden/cdktf_get.ts" .
npx tsc --target es2022 --module commonjs --moduleResolution node --skipLibCheck cdktf_get.ts
node cdktf_get.js out
"$(dirname "$natgw")/python" - out/stacks/parity/cdk.tf.json "$golden/cdktf_get.json" <<'PYTHON'
import json, pathlib, sys
made = json.loads(pathlib.Path(sys.argv[1]).read_text())
del made["//"]["metadata"]["version"], made["terraform"]["backend"]  # the library's version, a path of this machine
pathlib.Path(sys.argv[2]).write_text(json.dumps(made, indent=1, sort_keys=True) + "\n")
PYTHON
echo "written: $golden/cdktf_get.json"
