using Weir.Policy.Access;
using Weir.Policy.Documents;

namespace Weir.Policy.Compilation;

/// <summary>Which connections and principals a selector means.</summary>
internal static class SelectorMatching
{
    public static bool Matches(this ConnectionSelector selector, ConnectionDocument connection)
    {
        if (selector.Names.IsEmpty && selector.Labels.IsEmpty)
            return true;
        if (selector.Names.Contains(connection.Metadata.Name))
            return true;
        return !selector.Labels.IsEmpty
            && selector.Labels.All(l => connection.Metadata.Labels.TryGetValue(l.Key, out string? value) && value == l.Value);
    }

    public static bool Matches(this PrincipalSelector selector, Principal principal)
        => (selector.Names.IsEmpty || selector.Names.Contains(principal.Name))
            && (selector.Groups.IsEmpty || selector.Groups.Any(g => principal.Groups.Contains(g)))
            && (selector.Kinds.IsEmpty || selector.Kinds.Contains(principal.Kind));
}
