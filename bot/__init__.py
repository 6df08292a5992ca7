"""What do we hear and say, over which channel?"""
