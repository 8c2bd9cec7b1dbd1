"""Methods at equal cost: how many texts a budget pays for, one DVC experiment a method, what can be told apart."""
