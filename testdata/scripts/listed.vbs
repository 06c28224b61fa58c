' carries out what it is told
Dim all
