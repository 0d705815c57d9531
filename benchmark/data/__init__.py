"""Speech and its texts: corpora, normalisation, features, episodes, augmentation."""
