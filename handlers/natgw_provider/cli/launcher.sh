#!/bin/sh
# terraform-provider-natgw @VERSION@: starts the provider with the Python that natgw is installed in.
# Terraform's lock file holds a hash of this file, so nothing in it may depend on the machine: where that
# Python is stands in a note outside this folder, written by `natgw install`.
here=$(cd -P -- "$(dirname -- "$0")" && pwd)
for note in "$here/../../../../../natgw-@VERSION@.python" "${XDG_DATA_HOME:-$HOME/.local/share}/natgw/@VERSION@.python"; do
	[ -z "$NATGW_PYTHON" ] && [ -r "$note" ] && read -r noted <"$note" && [ -x "$noted" ] && NATGW_PYTHON=$noted
done
if [ -z "$NATGW_PYTHON" ]; then
	echo "natgw @VERSION@ is not installed for this user: run 'pip install natgw==@VERSION@' and then 'natgw install', or set NATGW_PYTHON to the Python it is installed in." >&2
	exit 1
fi
# -E and -P: neither PYTHON* variables nor files in the working folder may change what runs.
exec "$NATGW_PYTHON" -E -P -m natgw_provider "$@"
