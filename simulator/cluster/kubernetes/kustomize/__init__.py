"""kustomization.yaml: bases, patches, generators and all that is made of them."""
