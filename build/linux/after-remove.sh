#!/bin/sh
# After the deb or rpm is gone (an upgrade is no removal): what after-install.sh made goes, too. Nothing of a person's is
# touched: sign-ins stay in their keychain until `postern account remove`.
set -e
case "$1" in
  upgrade | 1) exit 0 ;;
esac
rm -f /usr/bin/postern '/usr/bin/${executable}'
if [ -f '/etc/apparmor.d/${executable}' ]; then
  apparmor_parser --remove '/etc/apparmor.d/${executable}' 2>/dev/null || true
  rm -f '/etc/apparmor.d/${executable}'
fi
update-desktop-database /usr/share/applications 2>/dev/null || true
