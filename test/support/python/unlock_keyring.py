"""Unlocks the login collection of the GNOME Keyring on the session bus; the password comes on standard input."""

import sys, dbus
bus = dbus.SessionBus()
service = bus.get_object("org.freedesktop.secrets", "/org/freedesktop/secrets")
_, session = dbus.Interface(service, "org.freedesktop.Secret.Service").OpenSession("plain", dbus.String("", variant_level=1))
internal = dbus.Interface(service, "org.gnome.keyring.InternalUnsupportedGuiltRiddenInterface")
secret = dbus.Struct((session, dbus.ByteArray(b""), dbus.ByteArray(sys.stdin.buffer.read()), "text/plain"), signature="oayays")
internal.UnlockWithMasterPassword(dbus.ObjectPath("/org/freedesktop/secrets/collection/login"), secret)
