"""Papers: what people fill in, sign or look at. Made of facts and words; nothing here knows what is remembered."""
