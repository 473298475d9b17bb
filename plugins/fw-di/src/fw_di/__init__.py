"""dependency-injector as the container back end of fw."""
