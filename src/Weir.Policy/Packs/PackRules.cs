using Weir.Policy.Analysis;
using Weir.Policy.Documents;

namespace Weir.Policy.Packs;

/// <summary>Shorthand with which the packs are written down.</summary>
internal static class PackRules
{
    public static PackRule Deny(string name, PackConditions when, string message, string hint) => new(name, GuardrailAction.Deny, message, hint, when);

    public static PackRule Review(string name, PackConditions when, string message, string hint) => new(name, GuardrailAction.Review, message, hint, when);

    public static PackConditions Effects(Effects effects) => new(GuardrailConditions.None with { Effects = effects });

    public static PackConditions Functions(params ReadOnlySpan<string> names) => new(GuardrailConditions.None with { Functions = [.. names] });

    public static PackConditions Settings(params ReadOnlySpan<string> names) => new(GuardrailConditions.None with { Settings = [.. names] });

    public static PackConditions Commands(params ReadOnlySpan<string> tags) => new(GuardrailConditions.None) { Commands = [.. tags] };
}
