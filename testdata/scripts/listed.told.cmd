@%systemroot%\system32\windowspowershell\v1.0\powershell.exe -NoProfile -Command %*
