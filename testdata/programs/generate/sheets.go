package main

import (
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
)

// sheets are lists that people make by hand, as their spreadsheet saves them.
func sheets() []file {
	return []file{
		{
			name: "sheet-german.csv", program: "Sheet by hand (German, 4)", charset: charmap.Windows1252, comma: ";",
			rows: []row{
				{"Vorname": "Änne", "Nachname": "Kühnß", "E-Mail": "aenne@kuehnss.example.com", "Telefon": "030 23125301", "Status": "bestätigt", "Angemeldet am": "31.03.2024"},
				{"Vorname": "Götz", "Nachname": "Löwe", "E-Mail": " goetz@loewe.example.org ", "Telefon": "+49 (0) 30 23125 302", "Status": "offen", "Angemeldet am": "25.03.2024"},
				{"Vorname": "Ümit", "Nachname": "Çakan", "E-Mail": "uemit@example.net", "Angemeldet am": "2024-03-26"},
			},
			below: []string{";;;;;", ";;;;;"},
		},
		{
			name: "sheet-german-mobile.csv", program: "Sheet by hand (German, 5)", charset: charmap.Windows1252, comma: ";",
			rows: []row{
				{"Nachname": "Fuß", "Vorname": "Björn", "Personalnummer": "0815", "Eintrittsdatum": "01.04.2023", "E-Mail": "bjoern@fuss.example.com", "Handynummer": "0171 3920041"},
				{"Nachname": "Rößler", "Vorname": "Heike", "Personalnummer": "0816", "E-Mail": "heike@roessler.example.org", "Bemerkungen": "Schlüssel; Ausweis"},
				{"Nachname": "Jäger", "Vorname": "Tim", "E-Mail": "tim@example.net", "Titel": "Dr."},
			},
		},
		{
			name: "sheet-french.csv", program: "Sheet by hand (French, 3)", charset: charmap.Windows1252, comma: ";",
			rows: []row{
				{"Nom": "Bœuf", "Prénom": "Élodie", "Email": "elodie@boeuf.example.com", "Téléphone": "01 99 00 04 01", "Ville": "Nîmes", "Statut": "Actif", "Date d'inscription": "11/03/2024"},
				{"Nom": "Ça-Va", "Prénom": "Anaïs", "Email": "anais@cava.example.org", "Ville": "L’Haÿ-les-Roses", "Statut": "Inactif"},
				{"Nom": "Noël", "Prénom": "Gaëtan", "Email": "gaetan@example.net", "Téléphone": "06 39 98 04 02"},
			},
		},
		{
			name: "sheet-spanish.csv", program: "Sheet by hand (Spanish, 2)", charset: charmap.Windows1252, comma: ";",
			rows: []row{
				{"Tipo Documento": "DNI", "Número Documento": "00000000T", "Nombre": "Iñaki", "Apellidos": "Muñoz Sáez", "Email": "inaki@munoz.example.com", "Teléfono": "+44 20 7946 0107", "Ciudad": "A Coruña", "Estado": "Activo"},
				{"Tipo Documento": "NIE", "Número Documento": "X0000000T", "Nombre": "Núria", "Apellidos": "Güell", "Email": "nuria@guell.example.org", "Estado": "Inactivo"},
				{"Nombre": "Jesús", "Apellidos": "Peñalver", "Email": "jesus@example.net", "Ciudad": "Logroño", "Estado": "Activo"},
			},
		},
		{
			name: "sheet-italian.csv", program: "Sheet by hand (Italian, 1)", charset: charmap.Windows1252, comma: ";",
			rows: []row{
				{"Cognome": "Nicolò", "Nome": "Mosè", "Email": "mose@nicolo.example.com", "CodiceFiscale": "YYYYYY00Y00Y000Y", "Sede": "Forlì", "Stato": "Attivo", "DataAssunzione": "15/01/2024"},
				{"Cognome": "Libertà", "Nome": "Zoè", "Email": "zoe@liberta.example.org", "CodiceFiscale": "ZZZZZZ00Z00Z000Z", "Ruolo": "Perito"},
				{"Cognome": "Però", "Nome": "Anna", "Email": "anna@example.net", "Sede": "Città di Castello"},
			},
		},
		{
			name: "sheet-polish.csv", columns: []string{"Imię", "Nazwisko", "Adres e-mail", "Telefon", "Firma"}, charset: charmap.Windows1250, comma: ";",
			rows: []row{
				{"Imię": "Żaneta", "Nazwisko": "Wąsik", "Adres e-mail": "zaneta@wasik.example.com", "Telefon": "+44 20 7946 0108", "Firma": "Wąsik i Spółka"},
				{"Imię": "Łukasz", "Nazwisko": "Świątek", "Adres e-mail": "lukasz@swiatek.example.org", "Firma": "Źródło"},
				{"Imię": "Małgorzata", "Nazwisko": "Gołąb", "Adres e-mail": "malgorzata@example.net"},
			},
		},
		{
			name: "sheet-japanese.csv", program: "Sheet by hand (English, 3)", charset: japanese.ShiftJIS,
			rows: []row{
				{"Company Name": "表示ソフト株式会社", "First Name": "花子", "Last Name": "山田", "Email": "hanako@yamada.example.com", "Work Phone": "+1 212-555-0151", "Title": "部長"},
				{"Company Name": "能登デザイン", "First Name": "ケンジ", "Last Name": "十河", "Email": "kenji@sogo.example.org", "Notes": "金曜は休み"},
				{"First Name": "さくら", "Last Name": "佐藤", "Email": "sakura@example.net"},
			},
		},
		{
			name: "pipes.csv", program: "Sheet by hand (English, 1)", comma: "|", end: "\n",
			rows: []row{
				{"First Name": "Téa", "Last Name": "Obreht-Ruiz, Jr.", "Title": "Editor, Senior", "Work Email": "tea@obreht.example.com", "Personal Email": "tea@example.org", "Work Phone": "(212) 555-0161", "Home Phone": "(212) 555-0162", "Personal Phone": "(212) 555-0163"},
				{"First Name": "Noor", "Last Name": "Inayat", "Title": "a; b, c", "Work Email": "noor@inayat.example.net"},
				{"First Name": "Pål", "Last Name": "Åsen", "Work Email": "paal@asen.example.org"},
			},
		},
		{
			name: "tabs.txt", program: "Sheet by hand (English, 2)", comma: "\t", end: "\n",
			rows: []row{
				{"First": "Mia", "Last": "Sjöberg, CPA", "Primary Email": "mia@sjoberg.example.com", "Work Email": "mia.work@example.org", "Main Phone": "(212) 555-0171", "Mobile": "(212) 555-0172", "Office": "4B", "Company": "Sjöberg, Inc.", "Tags": "a,b;c"},
				{"First": "Ngũgĩ", "Last": "Kamau", "Primary Email": "ngugi@kamau.example.net", "Notes": "knows \"everyone\""},
				{"First": "Élise", "Last": "Roy", "Primary Email": "elise@example.org", "Source": "referral"},
			},
		},
	}
}

// savedByExcel are the other ways in which Excel saves a sheet as text.
func savedByExcel() []file {
	people := []row{
		{"Company Name": "Müller & Söhne, GmbH", "First Name": "Jörg", "Last Name": "Müller", "Title": "Geschäftsführer", "Email": "joerg@mueller.example.com", "Work Phone": "+49 30 23125 401", "Mobile Phone": "0171 3920051"},
		{"Company Name": "Crème Brûlée", "First Name": "Aïcha", "Last Name": "Benoît", "Email": "aicha@creme.example.org", "Notes": "says \"oui\""},
		{"First Name": "Ñusta", "Last Name": "Güiza", "Email": "nusta@example.net", "Work Phone": "(212) 555-0181"},
	}
	return []file{
		{name: "excel-utf8.csv", program: "Sheet by hand (English, 3)", mark: true, rows: people, below: []string{",,,,,,,", ",,,,,,,"}},
		{
			name: "excel-macintosh.csv", program: "Sheet by hand (French, 4)", charset: charmap.Macintosh, comma: ";", end: "\r",
			rows: []row{
				{"Prénom": "Zoé", "Nom de famille": "Lévêque", "Courriel": "zoe@leveque.example.com", "Téléphone": "+33 1 99 00 05 01", "Poste": "Ingénieure", "Département": "Études"},
				{"Prénom": "Noël", "Nom de famille": "Façade", "Courriel": "noel@facade.example.org", "Département": "Bâtiment"},
				{"Prénom": "Inès", "Nom de famille": "Où", "Courriel": "ines@example.net", "Téléphone": "+33 6 39 98 05 03"},
			},
		},
		{
			name: "excel-ms-dos.csv", program: "Sheet by hand (German, 1)", charset: charmap.CodePage850, comma: ";",
			rows: []row{
				{"Vorname": "Jürgen", "Nachname": "Fößel", "E-Mail": "juergen@foessel.example.com", "Telefon": "+49 30 23125 411", "Firma": "Fößel Gerüstbau", "Geburtstag": "01.02.1970", "Tags": "Dach;Gerüst"},
				{"Vorname": "Käte", "Nachname": "Öhm", "E-Mail": "kaete@oehm.example.org", "Notizen": "über Büro"},
				{"Vorname": "René", "Nachname": "Ährenfeld", "E-Mail": "rene@example.net", "Telefon": "030/23125412"},
			},
		},
		{
			name: "excel-unicode.txt", program: "Sheet by hand (English, 3)", charset: utf16, comma: "\t",
			rows: []row{
				{"Company Name": "株式会社サンプル", "First Name": "太郎", "Last Name": "鈴木", "Title": "\"Lead\"", "Email": "taro@suzuki.example.com", "Work Phone": "+1 212-555-0191"},
				{"Company Name": "Ćevapi, d.o.o.", "First Name": "Željka", "Last Name": "Šimić", "Email": "zeljka@simic.example.org", "Mobile Phone": "+44 7700 900107"},
				{"First Name": "민준", "Last Name": "김", "Email": "minjun@example.net", "Notes": "prefers mail, not calls"},
			},
		},
		{
			name: "excel-sep.csv", program: "Sheet by hand (English, 3)", charset: charmap.Windows1252, comma: ";", above: []string{"sep=;"},
			rows: append([]row{{"Company Name": "A, B, C, D, E, F, G, H & Co", "First Name": "Chloë", "Last Name": "Æbelø", "Email": "chloe@aebelo.example.com", "Mobile Phone": "+44 7700 900108"}}, people[2],
				row{"First Name": "Ole", "Last Name": "Ø", "Email": "ole.example.com"}),
		},
		{
			name: "carriage-returns.csv", program: "Sheet by hand (English, 1)", end: "\r",
			rows: []row{
				{"First Name": "Ann", "Last Name": "O'Neil", "Work Email": "ann@oneil.example.com", "Personal Email": "ann@example.org", "Work Phone": "(212) 555-0195"},
				{"First Name": "Zeynep", "Last Name": "Şahin", "Title": "Cook, Head", "Work Email": "zeynep@sahin.example.net", "Personal Phone": "(212) 555-0196"},
				{"First Name": "Kofi", "Last Name": "Mensah", "Work Email": "kofi@mensah"},
			},
		},
	}
}
