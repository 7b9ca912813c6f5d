using System.Collections.Concurrent;
using System.Text;

namespace Weir.ControlPlane.Application;

/// <summary>Names of enumeration members as the API and the database know them: <c>ServiceAccount</c> is <c>service_account</c>.</summary>
internal static class WireName
{
    private static readonly ConcurrentDictionary<Enum, string> Names = [];

    public static string Of(Enum value) => Names.GetOrAdd(value, static v => Snake(v.ToString()));

    public static T? Parse<T>(string? name)
        where T : struct, Enum
    {
        foreach (var value in Enum.GetValues<T>())
        {
            if (Of(value) == name)
            {
                return value;
            }
        }

        return null;
    }

    public static string Snake(string name)
    {
        var text = new StringBuilder(name.Length + 8);
        for (var i = 0; i < name.Length; i++)
        {
            if (char.IsUpper(name[i]) && i > 0 && !char.IsUpper(name[i - 1]))
            {
                text.Append('_');
            }

            text.Append(char.ToLowerInvariant(name[i]));
        }

        return text.ToString();
    }
}
