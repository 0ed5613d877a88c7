"""Visual self-supervised learning without a screen: data, views, methods, training, evaluation."""
