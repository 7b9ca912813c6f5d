namespace Weir.Policy.Documents;

/// <summary>One thing that is wrong with a document.</summary>
/// <param name="Path">Where, as a dotted path from the document's root: <c>spec.when.effects[1]</c>.</param>
/// <param name="Message">What is wrong and what would be right.</param>
public sealed record DocumentFault(string Path, string Message);
