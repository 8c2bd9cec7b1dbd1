"""The classifiers: tfidf, linear (a frozen encoder), finetune and contrastive (trained ones), their mean, and their folders."""
