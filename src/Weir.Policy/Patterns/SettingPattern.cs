using System.Diagnostics.CodeAnalysis;

namespace Weir.Policy.Patterns;

/// <summary>A compiled pattern of run-time settings: <c>name</c> or <c>name=value</c>, with <c>*</c> in the name.</summary>
public sealed class SettingPattern
{
    private readonly NamePart _name;
    private readonly string? _value;

    private SettingPattern(NamePart name, string? value)
    {
        _name = name;
        _value = value;
    }

    /// <summary>
    /// Does a change of a setting match? Unknown names (empty) and values (null, which RESET also has) match; RESET ALL (name <c>*</c>) brings back
    /// what the session started with, and so matches only a pattern of every setting.
    /// </summary>
    public bool Matches(string name, string? value)
    {
        if (name == "*")
            return _name.IsAny && _value is null;
        if (name.Length != 0 && !_name.Matches(name))
            return false;
        return _value is null || value is null || Canonical(value).Equals(_value, StringComparison.Ordinal);
    }

    public static bool TryParse(string text, [NotNullWhen(true)] out SettingPattern? pattern, [NotNullWhen(false)] out string? fault)
    {
        pattern = null;
        int equals = text.IndexOf('=', StringComparison.Ordinal);
        string name = (equals < 0 ? text : text[..equals]).Trim();
        if (name.Length is 0 or > 128 || name.Any(c => char.IsUpper(c) || !(char.IsLetterOrDigit(c) || c is '_' or '.' or '*')))
        {
            fault = "a setting is a lower-case name, with * where anything may stand, and optionally =value (such as row_security=off)";
            return false;
        }

        // Settings of extensions have a dot in their name; here it separates nothing.
        var pieces = name.Split('*').ToList();
        pattern = new SettingPattern(NamePart.Of(pieces), equals < 0 ? null : Canonical(text[(equals + 1)..]));
        fault = null;
        return true;
    }

    // Booleans have many spellings, and any unique beginning of true, false, yes, no, on, off counts (PostgreSQL's parse_bool).
    private static string Canonical(string value)
    {
        string lower = value.Trim().Trim('\'').ToLowerInvariant();
        return lower switch
        {
            "0" => "off",
            "1" => "on",
            { Length: > 0 } when "true".StartsWith(lower, StringComparison.Ordinal) || "yes".StartsWith(lower, StringComparison.Ordinal) => "on",
            { Length: > 0 } when "false".StartsWith(lower, StringComparison.Ordinal) || "no".StartsWith(lower, StringComparison.Ordinal) => "off",
            "of" => "off",
            _ => lower,
        };
    }
}
