using System.Runtime.InteropServices;
using Weir.ControlPlane.Application.Persistence.Conversions;

namespace Weir.ControlPlane.Application.Features.Sessions.Recording;

/// <summary>Lists of one batch as JSON. Statements that refer to an earlier one share its lists, and most lists are empty: what is the same list is written once.</summary>
internal sealed class JsonOfLists
{
    private readonly Dictionary<object, string> _written = new(ReferenceEqualityComparer.Instance);

    public string Of<T, TShown>(IReadOnlyList<T> list, Func<T, TShown> show)
    {
        if (list.Count == 0)
        {
            return "[]";
        }

        ref var written = ref CollectionsMarshal.GetValueRefOrAddDefault(_written, list, out _);
        return written ??= JsonText.Write(list.Select(show).ToList());
    }
}
