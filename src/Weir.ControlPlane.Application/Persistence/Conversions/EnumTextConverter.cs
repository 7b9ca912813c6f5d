using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace Weir.ControlPlane.Application.Persistence.Conversions;

/// <summary>Enumerations as text, in the API's spelling; a text that is no member is an error, never a default.</summary>
internal sealed class EnumTextConverter<T>() : ValueConverter<T, string>(value => WireName.Of(value), text => Parse(text))
    where T : struct, Enum
{
    private static T Parse(string text) => WireName.Parse<T>(text) ?? throw new InvalidOperationException($"The database holds \"{text}\" for {typeof(T).Name}.");
}
