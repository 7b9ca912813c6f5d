# Turns the text form of a FileDescriptorSet into one line per thing that old agents rely on:
#   field MESSAGE NUMBER NAME LABEL TYPE   value ENUM NUMBER NAME   method SERVICE NAME INPUT OUTPUT STREAMS
#   reserved MESSAGE NUMBER-OR-NAME
# In this text the name of a message, enum or service comes before what it holds.

function scope(  i, path) {
  for (i = 1; i <= depth; i++) {
    if (names[i] != "" && (kinds[i] == "message_type" || kinds[i] == "nested_type" || kinds[i] == "enum_type" || kinds[i] == "service")) {
      path = path "." names[i]
    }
  }
  return package path
}

/\{$/ {
  depth++
  kinds[depth] = $1
  names[depth] = ""
  delete value
  next
}

/^ *\}$/ {
  kind = kinds[depth]
  depth--
  if (kind == "field") {
    print "field", scope(), value["number"], value["name"], value["label"] (value["oneof_index"] == "" ? "" : "+oneof"), value["type"] value["type_name"]
  } else if (kind == "value") {
    print "value", scope(), value["number"] + 0, value["name"]
  } else if (kind == "method") {
    print "method", scope(), value["name"], value["input_type"], value["output_type"], value["client_streaming"] "/" value["server_streaming"]
  } else if (kind == "reserved_range") {
    for (number = value["start"]; number < value["end"] && number < value["start"] + 1000; number++) {
      print "reserved", scope(), number
    }
  }
  delete value
  next
}

{
  key = $1
  sub(/:$/, "", key)
  text = $2
  gsub(/"/, "", text)
  value[key] = text
  if (key == "package" && depth == 1) {
    package = text
  } else if (key == "name" && names[depth] == "") {
    names[depth] = text
  } else if (key == "reserved_name") {
    print "reserved", scope(), text
  }
}
