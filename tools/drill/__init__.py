"""Kill -9, again and again, while people work: is anything lost, half done, or told twice?"""
