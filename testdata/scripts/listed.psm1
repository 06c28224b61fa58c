function Describe { }
