using System.Collections.Frozen;

namespace Weir.Policy.Masking;

/// <summary>Maps PostgreSQL's built-in types to <see cref="ValueKind"/> (pg_type.dat: these oids never change).</summary>
public static class ValueKinds
{
    private static readonly FrozenDictionary<uint, ValueKind> Kinds = new Dictionary<uint, ValueKind>
    {
        [16] = ValueKind.Boolean,
        [17] = ValueKind.Bytes,
        [19] = ValueKind.Text, // name
        [20] = ValueKind.Integer,
        [21] = ValueKind.Integer,
        [23] = ValueKind.Integer,
        [25] = ValueKind.Text,
        [26] = ValueKind.Integer, // oid
        [114] = ValueKind.Json,
        [142] = ValueKind.Text, // xml: plain text is content
        [650] = ValueKind.Network, // cidr
        [700] = ValueKind.Float,
        [701] = ValueKind.Float,
        [705] = ValueKind.Text, // unknown
        [869] = ValueKind.Network, // inet
        [1042] = ValueKind.Text,
        [1043] = ValueKind.Text,
        [1082] = ValueKind.Date,
        [1083] = ValueKind.Time,
        [1114] = ValueKind.Timestamp,
        [1184] = ValueKind.Timestamp,
        [1186] = ValueKind.Interval,
        [1266] = ValueKind.Time,
        [1700] = ValueKind.Decimal,
        [1790] = ValueKind.Text, // refcursor
        [2275] = ValueKind.Text, // cstring
        [2950] = ValueKind.Uuid,
        [3802] = ValueKind.Json, // jsonb
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<uint, uint> Elements = new Dictionary<uint, uint>
    {
        [1000] = 16,
        [1001] = 17,
        [1002] = 18,
        [1003] = 19,
        [1016] = 20,
        [1005] = 21,
        [1006] = 22,
        [1007] = 23,
        [1008] = 24,
        [1009] = 25,
        [1028] = 26,
        [1010] = 27,
        [1011] = 28,
        [1012] = 29,
        [1013] = 30,
        [199] = 114,
        [143] = 142,
        [1017] = 600,
        [1018] = 601,
        [1019] = 602,
        [1020] = 603,
        [1027] = 604,
        [629] = 628,
        [651] = 650,
        [1021] = 700,
        [1022] = 701,
        [719] = 718,
        [775] = 774,
        [791] = 790,
        [1040] = 829,
        [1041] = 869,
        [1014] = 1042,
        [1015] = 1043,
        [1182] = 1082,
        [1183] = 1083,
        [1115] = 1114,
        [1185] = 1184,
        [1187] = 1186,
        [1270] = 1266,
        [1561] = 1560,
        [1563] = 1562,
        [1231] = 1700,
        [2201] = 1790,
        [2207] = 2202,
        [2208] = 2203,
        [2209] = 2204,
        [2210] = 2205,
        [2211] = 2206,
        [1263] = 2275,
        [2951] = 2950,
        [3221] = 3220,
        [3643] = 3614,
        [3645] = 3615,
        [3735] = 3734,
        [3770] = 3769,
        [3807] = 3802,
        [4073] = 4072,
        [3905] = 3904,
        [3907] = 3906,
        [3909] = 3908,
        [3911] = 3910,
        [3913] = 3912,
        [3927] = 3926,
        [4090] = 4089,
        [4097] = 4096,
        [4192] = 4191,
        [6150] = 4451,
        [6151] = 4532,
        [6152] = 4533,
        [6153] = 4534,
        [6155] = 4535,
        [6157] = 4536,
        [271] = 5069,
        [2287] = 2249,
    }.ToFrozenDictionary();

    /// <summary>The kind of a type, for an array of its elements' type; <see cref="ValueKind.Other"/> for everything not built in.</summary>
    public static ValueKind Of(uint typeOid)
    {
        if (Elements.TryGetValue(typeOid, out uint element))
            typeOid = element;
        return Kinds.GetValueOrDefault(typeOid, ValueKind.Other);
    }

    /// <summary>True for a built-in array type.</summary>
    public static bool TryGetElementType(uint arrayTypeOid, out uint elementTypeOid) => Elements.TryGetValue(arrayTypeOid, out elementTypeOid);
}
