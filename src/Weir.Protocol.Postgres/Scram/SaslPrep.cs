using System.Text;

namespace Weir.Protocol.Postgres.Scram;

/// <summary>
/// Prepares a password for hashing as PostgreSQL does (RFC 4013, for stored strings): what cannot be prepared is used as it is, so that
/// no password is impossible. Both ends must do the same, or a password that is not ASCII never matches.
/// </summary>
public static class SaslPrep
{
    /// <summary>UTF-8 of the prepared password; a fresh array that the caller may clear.</summary>
    public static byte[] Prepare(string password)
    {
        ArgumentNullException.ThrowIfNull(password);
        if (!Ascii.IsValid(password) && IsWellFormed(password) && TryPrepare(password, UnicodeTables.Load(), out var prepared))
            return Encoding.UTF8.GetBytes(prepared);
        return Encoding.UTF8.GetBytes(password);
    }

    private static bool TryPrepare(string password, UnicodeTables tables, out string prepared)
    {
        prepared = string.Empty;
        var mapped = new List<int>(password.Length);
        foreach (var rune in password.EnumerateRunes())
        {
            if (tables.Contains("space", rune.Value))
                mapped.Add(' ');
            else if (!tables.Contains("nothing", rune.Value))
                mapped.Add(rune.Value);
        }

        // PostgreSQL looks for prohibited characters before normalization, where the RFC says after it; what counts is to agree with it.
        if (mapped.Count == 0
            || mapped.Exists(code => tables.Contains("prohibited", code) || tables.Contains("unassigned", code))
            || !IsBidirectionalTextValid(mapped, tables))
        {
            return false;
        }

        var text = new StringBuilder();
        foreach (var code in UnicodeNormalization.ToNfkc(mapped, tables))
            text.Append(new Rune(code).ToString());
        prepared = text.ToString();
        return true;
    }

    /// <summary>RFC 3454 section 6: a string with right-to-left characters starts and ends with one and has no left-to-right ones.</summary>
    private static bool IsBidirectionalTextValid(List<int> codes, UnicodeTables tables)
    {
        if (!codes.Exists(code => tables.Contains("rightToLeft", code)))
            return true;
        return !codes.Exists(code => tables.Contains("leftToRight", code))
            && tables.Contains("rightToLeft", codes[0])
            && tables.Contains("rightToLeft", codes[^1]);
    }

    private static bool IsWellFormed(string password)
    {
        for (var i = 0; i < password.Length; i++)
        {
            if (!char.IsSurrogate(password[i]))
                continue;
            if (!Rune.TryGetRuneAt(password, i, out _))
                return false;
            i++;
        }

        return true;
    }
}
