"""HTTP of recognition: public notices, objections, what follows a recognition, and the pages for the public."""
