"""The classifiers: tfidf, linear (a frozen encoder), finetune (a trained one), and the folders they are kept in."""
