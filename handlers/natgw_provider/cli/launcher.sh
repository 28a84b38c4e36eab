#!/bin/sh
# terraform-provider-natgw @VERSION@: starts the provider with the Python that natgw is installed in.
# Terraform's lock file holds a hash of this file, so nothing in it may depend on the machine: where that
# Python is, a note outside this folder says, written by `natgw install`.
refuse() {
	# Terraform shows the first line of stdout in its error, and nothing of stderr. It may lose the line when the process
	# ends at once (hashicorp/go-plugin#298), and kills one whose line is no handshake: the wait is never waited out.
	printf 'natgw @VERSION@ cannot start: %s\n' "$1"
	[ -z "$TF_PLUGIN_MAGIC_COOKIE" ] || sleep 1 >/dev/null 2>&1
	exit 1
}
python=$NATGW_PYTHON
named_by=NATGW_PYTHON
if [ -z "$python" ]; then
	# The note of a mirror counts only outside the working folder, Terraform's data folder and any Git repository: what was
	# committed, or lies beside an unpacked package, must not say what runs.
	mirror=$(CDPATH='' cd -P "${0%/*}/../../../../.." 2>/dev/null && pwd -P)
	data=$(CDPATH='' cd -P "${TF_DATA_DIR:-.terraform}" 2>/dev/null && pwd -P)
	case $mirror/ in
	"$(pwd -P)"/* | "${data:-none}"/*) mirror= ;;
	esac
	folder=$mirror
	while [ -n "$folder" ]; do
		[ ! -e "$folder/.git" ] || mirror=
		folder=${folder%/*}
	done
	case $XDG_DATA_HOME in
	/*) user=$XDG_DATA_HOME ;;
	*) user=$HOME/.local/share ;;
	esac
	for note in "${mirror:-none}/natgw-@VERSION@.python" "$user/natgw/@VERSION@.python"; do
		case $note in
		/*) [ -f "$note" ] && [ -r "$note" ] && read -r python <"$note" && named_by=$note && [ -x "$python" ] && break ;;
		esac
	done
	[ -n "$python" ] || refuse "it is not installed for this user. Install natgw @VERSION@ in a Python 3.11 or newer and run its 'natgw install', or set NATGW_PYTHON to the Python that it is installed in."
fi
case $python in
*/*) [ -f "$python" ] && [ -x "$python" ] ;;
*) command -v "$python" >/dev/null ;;
esac || refuse "there is no Python at $python, which $named_by names. Run 'natgw install' again, or set NATGW_PYTHON to the Python that natgw @VERSION@ is installed in."
# -E and the path without "": neither PYTHON* variables nor files in the working folder may change what runs. The code
# is plain enough for every Python, since an old one has to say so.
exec "$python" -E -c '
import sys
sys.path = [folder for folder in sys.path if folder]
def refuse(why):
    sys.stdout.write("natgw @VERSION@ cannot start: " + why + "\n")
    sys.stdout.flush()
    import os, time
    if os.environ.get("TF_PLUGIN_MAGIC_COOKIE"):
        time.sleep(1)
    sys.exit(1)
if sys.version_info < (3, 11):
    refuse(sys.executable + " is Python %d.%d, and natgw needs 3.11 or newer. Install natgw in a newer one and run its \"natgw install\"." % sys.version_info[:2])
try:
    from natgw_provider import __version__ as found
except ImportError:
    refuse("it is not installed in " + sys.executable + ". Install natgw @VERSION@ there, or run \"natgw install\" where it is installed.")
if found != "@VERSION@":
    refuse(sys.executable + " has natgw " + found + ". Run \"natgw install\" and \"terraform init -upgrade\" to use that, or install natgw @VERSION@ there to keep this one.")
from natgw_provider.__main__ import main, missing
if missing():
    refuse(sys.executable + " lacks " + ", ".join(missing()) + ". Install natgw @VERSION@ there again, with what it needs: with pip from the clone or the wheel, without --no-deps.")
main()
' "$@"
