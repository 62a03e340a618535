"""How sure is sure enough. Chosen on held-out folds of the training lines (docs/understanding-intents.md).

At HIGH or above the assistant acts on the first intent. From LOW to HIGH it asks, offering the likeliest (at
most OFFERED). Below LOW it says that it did not understand.
"""

HIGH = 0.70
LOW = 0.25
OFFERED = 3
# what divides the classifier's scores so that "0.8" is right 8 times in 10
TEMPERATURE = 0.86
