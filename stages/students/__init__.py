"""The classifiers: tfidf, linear (a frozen encoder), finetune and contrastive (trained ones), mean; their folders."""
