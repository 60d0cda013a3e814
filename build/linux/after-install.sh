#!/bin/sh
# After the files of the deb or rpm are in place: both programs on PATH, and Chromium's sandbox.
# electron-builder fills in the names in braces; a shell variable here must have none.
set -e
ln -sf '/opt/${sanitizedProductName}/resources/bin/postern' /usr/bin/postern
ln -sf '/opt/${sanitizedProductName}/${executable}' '/usr/bin/${executable}'

# Where people may not make user namespaces, Chromium's sandbox needs its helper to be root's.
if unshare --user true 2>/dev/null; then
  chmod 0755 '/opt/${sanitizedProductName}/chrome-sandbox'
else
  chmod 4755 '/opt/${sanitizedProductName}/chrome-sandbox'
fi

# Ubuntu lets only programs with a profile make user namespaces.
if [ -d /etc/apparmor.d ] && [ -f '/opt/${sanitizedProductName}/resources/apparmor-profile' ] &&
  apparmor_parser --skip-kernel-load --debug '/opt/${sanitizedProductName}/resources/apparmor-profile' >/dev/null 2>&1; then
  cp '/opt/${sanitizedProductName}/resources/apparmor-profile' '/etc/apparmor.d/${executable}'
  apparmor_parser --replace --write-cache --skip-read-cache '/etc/apparmor.d/${executable}' || true
fi

update-desktop-database /usr/share/applications 2>/dev/null || true
