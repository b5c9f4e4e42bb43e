"""Who the patient is, where they live and on which number they can be called. Pure."""
