"""Tests in a browser, which is one for all of them: that is why this folder is a package."""
