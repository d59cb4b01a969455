# Completion of ringback in bash, without any other package:
#
#     eval "$(ringback completion bash)"
#
# It reads the line as bash does, so that what stands in quotes or behind a backslash is completed,
# and asks the program, which it starts with those words and nothing else.

# __ringback_words reads the line up to the cursor. It sets words, without quotes; quote, the one that is open; and replaced,
# how much of the last word stands before what readline replaces: behind the quote that is open, or the last of the characters
# that separate words for it. It fails where it cannot say.
__ringback_words() {
	local line=${COMP_LINE:0:COMP_POINT} i char word='' begun= closed=
	words=() quote='' replaced=0
	for ((i = 0; i < ${#line}; i++)); do
		char=${line:i:1}
		case $quote in
		"'")
			if [[ $char == "'" ]]; then quote='' closed=yes; else word+=$char; fi
			continue
			;;
		'"')
			if [[ $char == '"' ]]; then
				quote='' closed=yes
			elif [[ $char == "\\" && ${line:i+1:1} == [\"\\\$\`] ]]; then
				((i++))
				word+=${line:i:1}
			else
				word+=$char
			fi
			continue
			;;
		esac
		case $char in
		[[:space:]])
			if [[ $begun ]]; then words+=("$word"); fi
			word='' begun='' closed='' replaced=0
			continue
			;;
		"'" | '"') quote=$char replaced=${#word} ;;
		"\\")
			((i++))
			word+=${line:i:1}
			;;
		*)
			word+=$char
			if [[ $COMP_WORDBREAKS == *"$char"* ]]; then replaced=${#word}; fi
			;;
		esac
		begun=yes
	done
	words+=("$word")
	[[ ! $closed ]] # what stands before a quote that is closed is replaced or not, as the version of bash has it
}

# __ringback_quoted sets quoted to a text as it is written on the line.
__ringback_quoted() {
	quoted=$1
	if [[ $1 && ! $quote ]]; then printf -v quoted '%q' "$1"; fi # nothing stays nothing, and does not become two quotes
	quoted=${quoted//\\,/,} # a comma needs no backslash, and is typed without
}

__ringback_complete() {
	local words quote replaced program out directive prefix='' IFS=$' \t\n'
	COMPREPLY=()
	__ringback_words || return 0
	program=${words[0]}
	if [[ $program == "~/"* ]]; then program=$HOME/${program:2}; fi
	out=$("$program" __complete "${words[@]:1}" 2>/dev/null) || return 0
	directive=${out##*:}
	out=${out%:*}
	if ((directive & 1)); then return 0; fi # an error

	local current=${words[${#words[@]} - 1]}
	if [[ $current == --*=* ]]; then prefix=${current%%=*}=; fi # the program completes the value alone

	# What fits, as it is written on the line; beside it what it means; and what all that fits begin with.
	local line text quoted common= longest=0 tab=$'\t' fitting=() meanings=()
	while IFS= read -r line; do
		text=$prefix${line%%$tab*}
		if [[ ! $line || $text != "$current"* ]]; then continue; fi
		__ringback_quoted "${text:replaced}"
		if ((${#fitting[@]} == 0)); then common=$quoted; fi
		while [[ $quoted != "$common"* ]]; do common=${common%?}; done
		if ((${#quoted} > longest)); then longest=${#quoted}; fi
		fitting+=("$quoted")
		if [[ $line == *"$tab"* ]]; then meanings+=("${line#*$tab}"); else meanings+=(''); fi
	done <<<"$out"

	local nothing=4 more=2 compopt=
	if [[ $(type -t compopt) == builtin ]]; then compopt=yes; fi
	if [[ $compopt ]] && ((directive & nothing)); then compopt +o default; fi
	if ((${#fitting[@]} == 0)); then return 0; fi

	__ringback_quoted "${current:replaced}"
	if ((${#fitting[@]} == 1)); then
		COMPREPLY=("$common")
		if ((directive & more)); then
			if [[ $compopt ]]; then compopt -o nospace; fi
			if [[ $quote ]]; then COMPREPLY+=("$common "); fi # with one alone, readline would close the quote
		fi
	elif [[ $common != "$quoted" && $common != *"\\" ]]; then
		COMPREPLY=("$common" "$common ") # as far as all agree
	else
		local i width=$((${COLUMNS:-80} - longest - 5))
		for ((i = 0; i < ${#fitting[@]}; i++)); do
			line=${fitting[i]}
			if [[ ${meanings[i]} ]] && ((width > 8)); then
				text=${meanings[i]}
				if ((${#text} > width)); then text=${text:0:width-1}…; fi
				printf -v line "%-${longest}s  (%s)" "$line" "$text"
			fi
			COMPREPLY+=("$line")
		done
	fi
}

complete -o default -F __ringback_complete ringback
