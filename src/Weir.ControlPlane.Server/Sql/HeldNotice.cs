using System.Text.RegularExpressions;
using Npgsql;

namespace Weir.ControlPlane.Server.Sql;

/// <summary>The notice by which an agent tells a client that its statement is held (INTERFACE: held for review).</summary>
internal sealed partial record HeldNotice(string ReviewId, string? Address)
{
    /// <summary>Null when it is another notice.</summary>
    public static HeldNotice? TryRead(PostgresNotice notice)
    {
        if (!notice.MessageText.StartsWith("weir: held for review", StringComparison.Ordinal) || Id().Match(notice.MessageText) is not { Success: true } id)
        {
            return null;
        }

        var address = Url().Match($"{notice.MessageText} {notice.Detail} {notice.Hint}");
        return new HeldNotice(id.Value, address.Success ? address.Value : null);
    }

    [GeneratedRegex("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", RegexOptions.CultureInvariant)]
    private static partial Regex Id();

    [GeneratedRegex(@"https?://[^\s""]+", RegexOptions.CultureInvariant)]
    private static partial Regex Url();
}
