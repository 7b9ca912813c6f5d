using Weir.Policy.Documents;

namespace Weir.Policy.Packs;

/// <summary>One rule of a pack.</summary>
/// <param name="Name">Unique in the pack; part of the public name <c>document/rule</c>.</param>
/// <param name="Action">What happens unless the document overrides it.</param>
/// <param name="Message">Why, for the person or model that is refused.</param>
/// <param name="Hint">What to do instead.</param>
/// <param name="When">When it applies.</param>
public sealed record PackRule(string Name, GuardrailAction Action, string Message, string Hint, PackConditions When);
