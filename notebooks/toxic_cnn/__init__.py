"""Training side of rutox: data, model, training, evaluation, quantisation and release of a toxicity CNN."""
