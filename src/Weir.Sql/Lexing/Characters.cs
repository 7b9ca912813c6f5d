namespace Weir.Sql.Lexing;

internal static class Characters
{
    private static readonly CharacterClass[] Classes = Build();

    public static bool Is(byte c, CharacterClass characterClass) => (Classes[c] & characterClass) != 0;

    public static CharacterClass Of(byte c) => Classes[c];

    /// <summary>Folds A to Z only, as PostgreSQL does with a multi-byte server encoding.</summary>
    public static byte ToLower(byte c) => (uint)(c - 'A') <= 'Z' - 'A' ? (byte)(c | 0x20) : c;

    public static bool IsHexDigit(byte c) => char.IsAsciiHexDigit((char)c);

    private static CharacterClass[] Build()
    {
        var classes = new CharacterClass[256];
        Add(" \t\n\r\f\v", CharacterClass.Space);
        Add("0123456789", CharacterClass.Digit | CharacterClass.IdentifierPart);
        Add("$", CharacterClass.IdentifierPart);
        Add("_", CharacterClass.IdentifierStart | CharacterClass.IdentifierPart);
        Add("~!@#^&|`?%", CharacterClass.Operator | CharacterClass.NonSqlOperator);
        Add("+-*/<>=", CharacterClass.Operator);
        Add(",()[].;:", CharacterClass.Punctuation);
        for (int c = 0; c < 256; c++)
        {
            if (c >= 128 || char.IsAsciiLetter((char)c))
                classes[c] = CharacterClass.IdentifierStart | CharacterClass.IdentifierPart;
        }

        return classes;

        void Add(string characters, CharacterClass characterClass)
        {
            foreach (char c in characters)
                classes[c] |= characterClass;
        }
    }
}
