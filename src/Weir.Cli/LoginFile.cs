using System.Text.Json.Nodes;

namespace Weir.Cli;

/// <summary>The sign-in that <c>weir login</c> keeps, readable by its owner only: <c>$XDG_CONFIG_HOME/weir/login.json</c>.</summary>
internal sealed record LoginFile(string ApiUrl, string Token)
{
    public static string Location
    {
        get
        {
            var config = Environment.GetEnvironmentVariable("XDG_CONFIG_HOME") is { Length: > 0 } home
                ? home
                : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".config");
            return Path.Combine(config, "weir", "login.json");
        }
    }

    /// <summary>Null when nobody has signed in, or the file can't be read.</summary>
    public static LoginFile? Read()
    {
        if (!File.Exists(Location))
        {
            return null;
        }

        var json = JsonNode.Parse(File.ReadAllText(Location));
        return json?["apiUrl"]?.GetValue<string>() is { } url && json["token"]?.GetValue<string>() is { } token
            ? new LoginFile(url, token)
            : null;
    }

    public void Write()
    {
        var folder = Path.GetDirectoryName(Location)!;
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

        using var writer = new StreamWriter(Location, options);
        writer.Write(new JsonObject { ["apiUrl"] = ApiUrl, ["token"] = Token }.ToJsonString());
    }
}
