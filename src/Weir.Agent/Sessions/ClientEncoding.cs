using System.Text;

namespace Weir.Agent.Sessions;

/// <summary>
/// The client encodings of PostgreSQL (manual, "Character Set Support"), sorted by whether a byte below 0x80 always is that ASCII
/// character. Where it can be a part of a longer one, the same bytes are another text to the server than to the inspection.
/// </summary>
internal static class ClientEncoding
{
    private static readonly HashSet<string> Unsafe = new(StringComparer.Ordinal)
    {
        "sjis", "mskanji", "shiftjis", "win932", "windows932", "shiftjis2004", "big5", "win950", "windows950", "gbk", "win936", "windows936",
        "gb18030", "uhc", "win949", "windows949", "johab",
    };

    private static readonly HashSet<string> Safe = new(StringComparer.Ordinal)
    {
        "utf8", "unicode", "sqlascii", "latin1", "latin2", "latin3", "latin4", "latin5", "latin6", "latin7", "latin8", "latin9", "latin10",
        "iso88591", "iso88592", "iso88593", "iso88594", "iso88595", "iso88596", "iso88597", "iso88598", "iso88599", "iso885910", "iso885913", "iso885914",
        "iso885915", "iso885916", "win", "win866", "windows866", "alt", "win874", "windows874", "win1250", "windows1250", "win1251", "windows1251", "win1252",
        "windows1252", "win1253", "windows1253", "win1254", "windows1254", "win1255", "windows1255", "win1256", "windows1256", "win1257",
        "windows1257", "win1258", "windows1258", "abc", "vscii", "tcvn", "tcvn5712", "koi8", "koi8r", "koi8u", "euccn", "eucjp", "euckr", "euctw",
        "eucjis2004", "mule", "muleinternal",
    };

    /// <summary>Known, and safe to inspect. What is not known is not safe.</summary>
    public static bool IsSafe(string name)
    {
        var normal = Normalize(name);
        return Safe.Contains(normal) && !Unsafe.Contains(normal);
    }

    /// <summary>The bytes of a text are UTF-8, or ASCII only in the encodings that say nothing about others.</summary>
    public static bool IsUtf8(string name) => Normalize(name) is "utf8" or "unicode" or "sqlascii";

    /// <summary>The text in UTF-8. Where the framework does not know the encoding, bytes above ASCII become U+FFFD: such a name matches nothing.</summary>
    public static byte[] ToUtf8(string name, ReadOnlySpan<byte> text)
    {
        var page = Normalize(name) switch
        {
            "latin1" or "iso88591" => "iso-8859-1",
            "latin2" or "iso88592" => "iso-8859-2",
            "latin5" or "iso88599" => "iso-8859-9",
            "latin9" or "iso885915" => "iso-8859-15",
            "win1250" or "windows1250" => "windows-1250",
            "win1251" or "windows1251" or "win" => "windows-1251",
            "win1252" or "windows1252" => "windows-1252",
            "koi8" or "koi8r" => "koi8-r",
            "eucjp" => "euc-jp",
            "euckr" => "euc-kr",
            "euccn" => "gb2312",
            _ => null,
        };
        var encoding = page is null ? Encoding.ASCII : CodePages.GetEncoding(page) ?? Encoding.GetEncoding(page);
        return Encoding.UTF8.GetBytes(encoding.GetString(text));
    }

    private static EncodingProvider CodePages => CodePagesEncodingProvider.Instance;

    /// <summary>Letters and digits only, lower case: how the server compares names of encodings.</summary>
    private static string Normalize(string name)
    {
        var builder = new StringBuilder(name.Length);
        foreach (var c in name)
        {
            if (char.IsAsciiLetterOrDigit(c))
                builder.Append(char.ToLowerInvariant(c));
        }

        return builder.ToString();
    }
}
