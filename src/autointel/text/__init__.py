"""Text as such: sentences, word lists, stop words and near-duplicates."""
