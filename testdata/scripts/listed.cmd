@echo off
if /i "%1"=="publish" goto publish
goto :eof
:publish
%systemroot%\system32\windowspowershell\v1.0\powershell.exe -NonInteractive -NoProfile -Command "Publish-Things -All"
