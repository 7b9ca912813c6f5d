using System.Text.Json;
using System.Text.Json.Serialization;
using Weir.ControlPlane.Domain.Principals;

namespace Weir.ControlPlane.Application.Persistence.Conversions;

/// <summary>How values are written into <c>jsonb</c> columns.</summary>
internal static class JsonText
{
    public static JsonSerializerOptions Options { get; } = new(JsonSerializerDefaults.Web) { Converters = { new PrincipalIdConverter() } };

    public static string Write<T>(T value) => JsonSerializer.Serialize(value, Options);

    public static T Read<T>(string text) => JsonSerializer.Deserialize<T>(text, Options) ?? throw new InvalidOperationException("The database holds a JSON null.");

    private sealed class PrincipalIdConverter : JsonConverter<PrincipalId>
    {
        public override PrincipalId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new(reader.GetGuid());

        public override void Write(Utf8JsonWriter writer, PrincipalId value, JsonSerializerOptions options) => writer.WriteStringValue(value.Value);
    }
}
