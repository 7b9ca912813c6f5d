namespace Weir.ControlPlane.Application.Features.Agents;

/// <summary>How much an agent may say about itself.</summary>
internal static class AgentLimits
{
    public const string LabelsMessage = "At most 50 labels of at most 63 characters, values of at most 200.";

    public static bool AreLabels(IReadOnlyDictionary<string, string> labels) =>
        labels.Count <= 50 && labels.All(l => l.Key is { Length: > 0 and <= 63 } && l.Value.Length <= 200);

    /// <summary>Free text of an agent, cut to what is kept.</summary>
    public static string Cut(string text, int length) => text.Length <= length ? text : text[..length];
}
