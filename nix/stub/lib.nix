# What Oriel's files use of nixpkgs' library, with its meaning and without its comfort: an option is what its type says, definitions of
# lists and sets are joined, of anything else there may be one. No priorities, no submodules.
rec {
  inherit (builtins) attrNames any filter listToAttrs mapAttrs removeAttrs;
  genAttrs = names: f: listToAttrs (map (name: { inherit name; value = f name; }) names);
  mapAttrsToList = f: set: map (name: f name set.${name}) (attrNames set);
  filterAttrs = keep: set: listToAttrs (builtins.concatMap (name: if keep name set.${name} then [ { inherit name; value = set.${name}; } ] else [ ]) (attrNames set));
  hasPrefix = prefix: text: builtins.substring 0 (builtins.stringLength prefix) text == prefix;
  hasSuffix = suffix: text:
    let from = builtins.stringLength text - builtins.stringLength suffix; in from >= 0 && builtins.substring from (-1) text == suffix;
  hasInfix = infix: text: builtins.length (builtins.split (builtins.replaceStrings [ "." ] [ "\\." ] infix) text) > 1;
  concatStringsSep = builtins.concatStringsSep;
  strings.sanitizeDerivationName = name: builtins.replaceStrings [ "~" ":" ] [ "-" "-" ] name;
  licenses.asl20 = { spdxId = "Apache-2.0"; };
  fetchers.proxyImpureEnvVars = [ "http_proxy" "https_proxy" "no_proxy" ];
  fileset = { unions = paths: paths; toSource = { root, fileset }: root + "/package-lock.json"; };

  types = rec {
    toType = name: check: { inherit name check; };
    attrs = toType "attrs" builtins.isAttrs;
    bool = toType "bool" builtins.isBool;
    number = toType "number" (value: builtins.isInt value || builtins.isFloat value);
    package = toType "package" (value: value.type or "" == "derivation");
    path = toType "path" (value: builtins.isPath value || (builtins.isString value && hasPrefix "/" value));
    str = toType "str" builtins.isString;
    enum = values: toType "one of ${toString values}" (value: builtins.elem value values);
    ints.between = low: high: toType "integer from ${toString low} to ${toString high}" (value: builtins.isInt value && value >= low && value <= high);
    addCheck = type: check: type // { check = value: type.check value && check value; };
    listOf = type: toType "list of ${type.name}" (value: builtins.isList value && builtins.all type.check value);
    nullOr = type: toType "null or ${type.name}" (value: value == null || type.check value);
  };
  mkOption = option: option // { _type = "option"; };
  mkEnableOption = what: mkOption { type = types.bool; default = false; description = "Whether to enable ${what}."; };
  mkIf = condition: content: { _type = "if"; inherit condition content; };

  evalModules = { modules, specialArgs ? { } }:
    let
      lib = import ./lib.nix;
      toModules = module:
        let
          written = if builtins.isPath module then import module else module;
          found = if builtins.isFunction written then written (specialArgs // { inherit config lib; }) else written;
          own = if found ? config || found ? options || found ? imports then found else { config = found; };
        in
        builtins.concatMap toModules (found.imports or [ ]) ++ [ own ];
      all = builtins.concatMap toModules modules;
      isIf = value: builtins.isAttrs value && value._type or "" == "if";
      # A condition may ask for what is decided elsewhere: it is moved down to each value, and looked at only there.
      under = name: value:
        if isIf value then map (mkIf value.condition) (under name value.content)
        else if value ? ${name} then [ value.${name} ] else [ ];
      namesOf = value: if isIf value then namesOf value.content else attrNames value;
      meant = value: if !isIf value then [ value ] else if value.condition then meant value.content else [ ];
      join = values:
        let first = builtins.head values; in
        if builtins.isAttrs first && !(first ? type) then
          filterAttrs (_: value: value != { _type = "absent"; }) (genAttrs (builtins.concatMap attrNames values) (name:
            let found = builtins.concatMap meant (builtins.concatMap (under name) values); in
            if found == [ ] then { _type = "absent"; } else join found))
        else if builtins.isList first then builtins.concatLists values
        else if builtins.length values == 1 then first
        else throw "defined more than once: ${builtins.toJSON values}";
      decide = path: option: values:
        let
          found = builtins.concatMap meant values;
          value = if found == [ ] then option.default else join found;
        in
        if option.type.check value then value else throw "${path}: ${builtins.toJSON value} is not ${option.type.name}";
      merge = path: options: values:
        if options._type or "" == "option" then decide path options values
        else
          let unknown = filter (name: !(options ? ${name})) (builtins.concatMap namesOf values); in
          if unknown != [ ] then throw "${path}: there is no option ${toString unknown}"
          else mapAttrs (name: option: merge "${path}.${name}" option (builtins.concatMap (under name) values)) options;
      options = joinOptions (map (module: module.options or { }) all);
      joinOptions = sets: genAttrs (builtins.concatMap attrNames sets) (name:
        let found = map (set: set.${name}) (filter (set: set ? ${name}) sets); in
        if (builtins.head found)._type or "" == "option" then builtins.head found else joinOptions found);
      config = merge "config" options (map (module: module.config or { }) all);
    in
    { inherit config options; };
}
