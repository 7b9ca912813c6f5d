using Weir.Policy.Documents;

namespace Weir.Policy.Tests.Detection;

/// <summary>A value of the labelled set.</summary>
/// <param name="Label">What a detector has to find in it; null when nothing is to be found.</param>
/// <param name="Category">Kind of the value, for the report.</param>
internal sealed record LabelledValue(Detector? Label, string Category, string Text);
