; `postern` on the person's PATH. PowerShell does it: NSIS cuts long strings off, and a cut PATH would be worse than none.
; The last call changes nothing, but tells the running programs to look at the environment again.
; Not run so far: no Windows was at hand.
!macro onPath ACTION
  nsExec::ExecToLog `powershell.exe -NoProfile -NonInteractive -ExecutionPolicy Bypass -Command "$$folder = '$INSTDIR\resources\bin'; $$key = [Microsoft.Win32.Registry]::CurrentUser.OpenSubKey('Environment', $$true); $$kept = @($$key.GetValue('Path', '', 'DoNotExpandEnvironmentNames') -split ';' | Where-Object { $$_ -and $$_ -ne $$folder }); if ('${ACTION}' -eq 'add') { $$kept += $$folder }; $$key.SetValue('Path', ($$kept -join ';'), 'ExpandString'); [Environment]::SetEnvironmentVariable('POSTERN_PATH_CHANGED', $$null, 'User')"`
  Pop $0
!macroend

!macro customInstall
  !insertmacro onPath add
!macroend

!macro customUnInstall
  ; An update removes the former version first, and puts the new one in the same place.
  ${ifNot} ${isUpdated}
    !insertmacro onPath remove
  ${endIf}
!macroend
