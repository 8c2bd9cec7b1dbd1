"""The classifiers: tfidf, linear (a frozen encoder), and the folders they are kept in."""
