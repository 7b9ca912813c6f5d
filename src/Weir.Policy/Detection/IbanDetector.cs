using System.Collections.Frozen;

namespace Weir.Policy.Detection;

/// <summary>International bank account numbers (ISO 13616): a country with its length, and a right check by mod 97; in one run or in groups parted by single blanks.</summary>
internal sealed class IbanDetector : PieceDetector
{
    // Lengths as the IBAN registry lists them.
    private static readonly FrozenDictionary<int, int> Lengths = (
        "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 "
        + "GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 "
        + "NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30")
        .Split(' ').ToFrozenDictionary(c => (c[0] << 8) | c[1], c => int.Parse(c.AsSpan(2), System.Globalization.CultureInfo.InvariantCulture));

    public override void Find(ReadOnlySpan<byte> value, List<Piece> found)
    {
        // The check digits are the anchor: text has few digits and many letters.
        for (int i = 2; i + 11 < value.Length; i++)
        {
            int next = value[i..].IndexOfAnyInRange((byte)'0', (byte)'9');
            if (next < 0)
                return;
            i += next;
            int end = IbanEnd(value, i - 2);
            if (end > 0)
            {
                found.Add(new Piece(i - 2, end));
                i = end;
            }
        }
    }

    private static int IbanEnd(ReadOnlySpan<byte> value, int start)
    {
        if (start < 0 || start + 4 > value.Length || (start > 0 && IsWord(value[start - 1])) || !IsDigit(value[start + 3]))
            return -1;
        int country = ((value[start] & 0xDF) << 8) | (value[start + 1] & 0xDF);
        if (!Lengths.TryGetValue(country, out int length))
            return -1;

        Span<byte> characters = stackalloc byte[34];
        int count = 0;
        int i = start;
        for (; i < value.Length && count < length; i++)
        {
            byte b = value[i];
            if (b == ' ' && i > start && value[i - 1] != ' ')
                continue;
            if (!IsWord(b) || b == '_')
                return -1;
            characters[count++] = b;
        }

        if (count < length || (i < value.Length && IsWord(value[i])))
            return -1;
        return Remainder(characters[..length]) == 1 ? i : -1;
    }

    // The first four characters move to the end; letters count as 10 to 35.
    private static int Remainder(ReadOnlySpan<byte> iban)
    {
        int remainder = 0;
        for (int i = 0; i < iban.Length; i++)
        {
            byte b = iban[(i + 4) % iban.Length];
            remainder = IsDigit(b) ? ((remainder * 10) + (b - '0')) % 97 : ((remainder * 100) + ((b & 0xDF) - 'A' + 10)) % 97;
        }

        return remainder;
    }
}
