using System.Text.Json;
using System.Text.Json.Nodes;

namespace Weir.Cli;

/// <summary>The sign-in that <c>weir login</c> keeps, readable by its owner only: <c>$XDG_CONFIG_HOME/weir/login.json</c>.</summary>
internal sealed record LoginFile(string ApiUrl, string Token)
{
    /// <param name="configHome">Value of <c>XDG_CONFIG_HOME</c>; null or empty for <c>~/.config</c>.</param>
    public static string LocationIn(string? configHome) => Path.Combine(
        string.IsNullOrEmpty(configHome) ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".config") : configHome,
        "weir",
        "login.json");

    /// <summary>Null when nobody has signed in, or the file can't be read.</summary>
    public static LoginFile? Read(string location)
    {
        try
        {
            return JsonNode.Parse(File.ReadAllText(location)) is JsonObject json && json["apiUrl"] is JsonValue url && json["token"] is JsonValue token
                && url.TryGetValue<string>(out var apiUrl) && token.TryGetValue<string>(out var secret)
                    ? new LoginFile(apiUrl, secret)
                    : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    /// <summary>Token and all: never in a message or a log.</summary>
    public override string ToString() => ApiUrl;

    public void Write(string location)
    {
        var folder = Path.GetDirectoryName(location)!;
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (OperatingSystem.IsWindows())
        {
            // A profile folder is private there as it is.
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var writer = new StreamWriter(location, options);
        writer.Write(new JsonObject { ["apiUrl"] = ApiUrl, ["token"] = Token }.ToJsonString());
    }
}
